"""All that can be wrong with a request or its input, in one tree. A message says what, which, what to do.

UnheardError            exit code 2: the request or the input is wrong
+-- RegistryError       no corpus, protocol or model of that name, or two
+-- UnknownName         a file name that a corpus's parser does not know
+-- DataError           a corpus folder or an audio file that cannot be used
+-- FoldError           a split file that leaks undeclared, or is not what its digest says
+-- PluginError         a plugin that cannot be imported, or a model that breaks its contract
+-- RecordError         a record that does not hold what it says
+-- WeightsError        a fitted model, or an encoder's weights, not there, damaged, or of other code
+-- StoreError          a folder that cannot be written: read-only, full
+-- ClusterError        a cluster that cannot be reached, or is gone
+-- FetchError          a download that failed or is not what its owner published
"""


class UnheardError(Exception):
    """The request or the input is wrong; the message is for the person who made it."""


class RegistryError(UnheardError):
    """No corpus, protocol or model has the name that was asked for, or more than one has."""


class UnknownName(UnheardError):  # noqa: N818
    """A file name that the corpus's parser does not know."""


class DataError(UnheardError):
    """A corpus folder or an audio file that cannot be used."""


class FoldError(UnheardError):
    """A split file that leaks without saying so, or is not what its digest says."""


class PluginError(UnheardError):
    """A plugin that cannot be imported, or a model that breaks its contract."""


class RecordError(UnheardError):
    """A record that does not hold what it says."""


class WeightsError(UnheardError):
    """A fitted model, or an encoder's weights, not there, damaged, or not that of today's code."""


class StoreError(UnheardError):
    """A folder that cannot be written."""


class ClusterError(UnheardError):
    """A cluster that cannot be reached, or is gone."""


class FetchError(UnheardError):
    """A download that failed, or is not what its owner published."""
