"""Plugins that each break one rule of the contract, as source, and an honest one that they are made of."""

BASE = '''
import os, random, sys
import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC
from protocols.contract import Declaration, Features, FitInfo, Info, SklearnModel, TorchModel
{top}

class Base(Declaration):
    """Nearest class mean of the mean over time, with a seed and with epochs that do nothing."""

    defaults = {{"sharpness": 1.0}}

    @staticmethod
    def features(params):
        return Features(front_end="mfcc")

    @staticmethod
    def space(trial):
        return {{"sharpness": trial.suggest_float("sharpness", 0.1, 10.0, log=True)}}

    def __init__(self, n_classes, *, seed, device, sharpness):
        self.n_classes, self.sharpness = n_classes, sharpness
        self.rng = np.random.default_rng(seed)

    def fit(self, train, validation=None, *, epochs=None, report=None, context=None):
        x = self.means_of(train)
        self.scale = x.std(axis=0) + 1
        self.means = self.rng.normal(size=(self.n_classes, x.shape[1]))
        for k in np.unique(train.labels):
            self.means[k] += x[train.labels == k].mean(axis=0)
        return FitInfo(epochs=epochs or 5, curves={{"loss": [1.0, 0.5]}})

    def means_of(self, clips):
        return np.stack([clip.mean(axis=0) for clip in clips.inputs])

    def predict_proba(self, clips):
        x = self.means_of(clips)
        scores = -(((x[:, None] - self.means) / self.scale) ** 2).mean(axis=2) * self.sharpness
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def state(self):
        return {{"means": self.means, "scale": self.scale}}

    def load_state(self, state):
        self.means, self.scale = state["means"], state["scale"]


class Broken({base}):
    info = Info(name="broken", version="1", title="Broken", summary="Broken.", {info})
{body}
'''

PROBS = "super().predict_proba(clips)"


def source(body="pass", *, top="", info="macs=1", base="Base"):
    """The source of a plugin: `body` is that of its class, a subclass of `base`; `top` is run at import."""
    indented = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    return BASE.format(top=top, info=info, base=base, body=indented)


def fit(*lines, gives="super().fit(train, validation, epochs=epochs)"):
    """A fit that does these lines first."""
    head = "def fit(self, train, validation=None, *, epochs=None, report=None, context=None):"
    return "\n    ".join([head, *lines, f"return {gives}"])


def fit_info(epochs):
    """A fit that returns this FitInfo."""
    return fit("super().fit(train)", gives=f"FitInfo({epochs})")


def predict(*lines, gives=PROBS):
    """A prediction that does these lines first."""
    return "\n    ".join(["def predict_proba(self, clips):", *lines, f"return {gives}"])


def means_of(gives):
    """Other numbers than each clip's mean over time."""
    return f"def means_of(self, clips):\n    x = super().means_of(clips)\n    return {gives}"


def space(*lines):
    return "\n    ".join(["@staticmethod\ndef space(trial):", *lines])


def features(front_end):
    return f"@staticmethod\ndef features(params):\n    return Features({front_end})"


SHARP = "def __init__(self, n_classes, *, seed, device, sharpness):\n    "
TOO_SHARP = SHARP + "if sharpness != 1: raise ValueError('too sharp')"
UNSEEDED = SHARP + "super().__init__(n_classes, seed=None, device=device, sharpness=sharpness)"
NETWORK = {
    "base": "TorchModel",
    "body": features("front_end='mfcc'")
    + "\n@staticmethod\ndef build(n_classes, channels, params): return Network(n_classes, channels)",
}


def pooled(how):
    """A network's source: a linear layer on each frame, then this over time, padding and all."""
    return f"""
class Network(torch.nn.Module):
    def __init__(self, n_classes, channels):
        super().__init__()
        self.head = torch.nn.Linear(channels, n_classes)
    def forward(self, x, lengths):
        return self.head(x).{how}
"""


def estimator(gives, first="pass"):
    """A scikit-learn estimator, and what is done before it is made."""
    head = "\n@staticmethod\ndef estimator(params, *, seed):\n    "
    body = features("front_end='mfcc', functionals=('mean',)") + head
    return {"base": "SklearnModel", "body": f"{body}{first}\n    return {gives}"}


FOREST = "RandomForestClassifier(5)"  # unseeded
CONSTANT = "np.array([[0 if np.ptp(clip, axis=0).any() else np.nan] for clip in clips.inputs])"
PEEK = f"{PROBS} if clips.labels is None else np.eye(self.n_classes)[clips.labels]"
FORCED = "clip = clips.inputs[0]; clip.setflags(write=True); clip += 1"
FORGETS = "def load_state(self, state):\n    self.means, self.scale = state['means'] + 1, state['scale']"
FEWER = fit("self.known = np.unique(train.labels)") + "\n" + predict(gives=f"{PROBS}[:, self.known]")

FICKLE = features("front_end='mfcc', options={'n_mfcc': 2 + int(params['sharpness'])}")
NARROW = space("return {'sharpness': trial.suggest_float('sharpness', 2, 3)}")
TUPLE = space("x = trial.suggest_float('sharpness', 0, 2)", "return {'sharpness': (x, x)}")
LOOK_UP = "import socket; socket.getaddrinfo('192.0.2.7', 80)"  # a number: no host is really asked
CONNECT = (
    "import socket\nwith socket.socket() as s:\n    s.settimeout(0.01)\n    s.connect_ex(('192.0.2.1', 80))"
)

LONG = "info = Info(name='broken', version='1', title='Broken', summary='x' * 3000)"
NAMED = "info = Info(name='b' * 70, version='1', title='Broken', summary='x')"
IGNORE = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
REPLACES = "import benchmark.scores.metrics as m; m.uar = lambda matrix: 1.0"
THREAD = "import threading, time; threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
SLEEPS = "os.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '9')"
DAEMON = "os.posix_spawnp('sleep', ['sleep', '9'], os.environ, setsid=True)"
MANIFEST = "from protocols import corpora; corpora.load('savee').manifest"
VIEWS = f"{PROBS} ** (1 if clips.inputs[0].base is None else 0.5)"
# Up the stack without any event that can be noted: from a traceback.
TRACEBACK = """try: raise LookupError
    except LookupError as error: frame = error.__traceback__.tb_frame
    while frame and not hasattr(frame.f_locals.get('data'), 'labels'): frame = frame.f_back"""
CALLER = f"np.eye(self.n_classes)[frame.f_locals['data'].labels] if frame else {PROBS}"

REMEMBERS = fit("for x, y in zip(train.inputs, train.labels): SEEN[x.tobytes()] = y")
RECALLS = predict(
    f"given = {PROBS}",
    "for row, x in zip(given, clips.inputs):",
    "    if x.tobytes() in SEEN: row[:] = np.eye(self.n_classes)[SEEN[x.tobytes()]]",
    gives="given",
)

# The rule that is broken, words of the verdict, and the plugin; {tmp} is a folder with a file `there`.
BROKEN = [
    ("loads", "RuntimeError: no luck", source(top="raise RuntimeError('no luck')")),
    ("loads", "SystemExit: 3", source(top="sys.exit(3)")),
    ("loads", "there is no front end 'mfc'", source(features("front_end='mfc'"))),
    ("loads", "there is no 'nobody'", source(info="needs={'teacher': 'nobody'}")),
    ("loads", "replaces benchmark.scores.metrics.uar", source(top=REPLACES)),
    ("loads", "Info.summary has 3000 characters", source(LONG)),
    ("loads", "Info.name has 70 characters", source(NAMED)),
    ("loads", "defaults take", source("defaults = {'sharpness': 1.0, 'words': 'x' * 30_000}")),
    ("loads", "sharpness", source("variants = {'sharp': {'sharpness': 2.0}}")),
    ("loads", "it needs the extra", source(info="extra='no_such_module'")),
    ("space", "'depth'", source(space("return {'depth': trial.suggest_int('depth', 1, 3)}"))),
    ("space", "out of the range", source(NARROW)),
    ("space", "gives 'depth'", source(space("return {'depth': trial.suggest_float('sharpness', 0, 2)}"))),
    ("space", "JSON", source(TUPLE)),
    ("space", "the front end changes", source(FICKLE)),
    ("space", "ValueError: too sharp, with {'sharpness'", source(TOO_SHARP)),
    ("fits", "ArithmeticError: it is broken (at ", source(fit("raise ArithmeticError('it is broken')"))),
    ("fits", "SystemExit: enough", source(fit("sys.exit('enough')"))),
    ("fits", "TypeError", source("def fit(self, train): pass")),
    ("fits", "fit returned NoneType", source(fit(gives="None"))),
    ("fits", "FitInfo.epochs is np.int64(1)", source(fit_info("epochs=np.int64(1)"))),
    ("fits", "FitInfo.epochs is 40", source(fit_info("epochs=40"))),
    ("fits", "FitInfo.curves['loss']", source(fit_info("curves={'loss': 'falling'}"))),
    ("fits", "FitInfo.curves has 30001 numbers", source(fit_info("curves={'x' * 30_000: [1.0]}"))),
    ("fits", "FitInfo.probabilities", source(fit_info("probabilities=np.full((1, 2, 3), 1 / 3)"))),
    ("fits", "RuntimeError", source(**NETWORK, top=pooled("flatten(1)"))),
    ("predicts", "ZeroDivisionError", source(predict(gives="1 / 0"))),
    ("predicts", "gave NoneType rather than", source(predict(gives="None"))),
    ("predicts", "gave list rather than", source(predict(gives=f"{PROBS}.tolist()"))),
    ("predicts", "gave numpy.ma.MaskedArray", source(predict(gives=f"np.ma.array({PROBS}, mask=True)"))),
    ("predicts", "gave torch.Tensor", source(predict(gives=f"torch.from_numpy({PROBS})"))),
    ("hidden", "has no len()", source(predict("len(clips.labels)"))),
    ("hidden", "not subscriptable", source(predict("clips.speakers[0]"))),
    ("hidden", "probabilities move by", source(predict(gives=PEEK))),
    ("shape", "shape (7, 8) rather than (7, 7)", source(predict(gives=f"np.pad({PROBS}, ((0, 0), (0, 1)))"))),
    ("shape", "shape (7,) rather than (1, 7)", source(predict(gives=f"np.squeeze({PROBS})"))),
    ("shape", "rather than numbers", source(predict(gives=f"{PROBS}.astype(str)"))),
    ("shape", "of object rather than numbers", source(predict(gives=f"{PROBS}.astype(object)"))),
    ("shape", "of complex128 rather", source(predict(gives=f"{PROBS} + 0.5j"))),
    ("probabilities", "is no probability", source(predict(gives=f"np.log({PROBS} + 1e-9)"))),
    ("probabilities", "row 0 is not finite", source(predict(gives=f"{PROBS} * np.nan"))),
    ("probabilities", "sums to 2", source(predict(gives=f"2 * np.full_like({PROBS}, 1 / self.n_classes)"))),
    ("probabilities", "sums to 0.99", source(predict(gives=f"0.99 * {PROBS}"))),
    ("any-length", "for a clip of 0.05 s", source(predict("assert min(clips.lengths) > 20"))),
    ("any-length", "for a clip of 20 s", source(predict("assert max(clips.lengths) < 1500"))),
    ("any-length", "of silence: row 0 is not finite", source(predict(gives=f"{PROBS} + {CONSTANT}"))),
    ("again", "is dropout off", source(predict("self.sharpness *= 0.9"))),
    ("alone", "clip 0 alone", source(means_of("x - x.mean(axis=0)"))),
    ("order", "in reversed order", source(means_of("x + np.arange(len(x))[:, None]"))),
    ("neighbours", "does padding count", source(means_of("clips.batch()[0].mean(axis=1)"))),
    ("neighbours", "does padding count", source(**NETWORK, top=pooled("mean(dim=1)"))),
    ("inputs", "on arrays that are read-only", source(fit("train.inputs[0][:] = 0"))),
    ("inputs", "the clips of train", source(fit("train.labels[0] += 1"))),
    ("inputs", "the clips of test", source(predict(FORCED))),
    ("memory", "declared: 8 MiB", source(fit("np.ones(40 << 17)"), info="memory=8")),
    ("quiet", "fit printed 'epoch 1'", source(fit("print('epoch 1')"))),
    ("quiet", "import printed 'hello'", source(top="print('hello')")),
    ("quiet", "predict_proba printed 'raw'", source(predict("os.write(1, b'raw')"))),
    ("quiet", "fit wrote 100000 bytes to standard error", source(fit("sys.stderr.write('x' * 100_000)"))),
    ("files", "fit wrote model.bin", source(fit("open('model.bin', 'w').close()"))),
    ("files", "import wrote log", source(top="os.mkdir('log')")),
    ("files", "predict_proba wrote {tmp}/planted", source(predict("open('{tmp}/planted', 'w').close()"))),
    ("files", "fit wrote {tmp}/there", source(fit("open('{tmp}/there', 'a').close()"))),
    ("files", "fit wrote {tmp}/there", source(fit("os.remove('{tmp}/there')"))),
    ("files", "{tmp}/there", source(fit("os.rename('{tmp}/there', '{tmp}/moved')"))),
    ("files", "import wrote {tmp}/log", source(top="os.mkdir('{tmp}/log')")),
    ("network", "fit asked for 192.0.2.7", source(fit(LOOK_UP))),
    ("network", "import asked for 192.0.2.1", source(top=CONNECT)),
    ("global-state", "fit changed numpy's global", source(fit("np.random.seed(0)"))),
    ("global-state", "import changed numpy's global", source(top="np.random.seed(1)")),
    ("global-state", "by drawing from it", source(predict("np.random.rand()"))),
    ("global-state", "fit changed numpy's global", source(**estimator(FOREST, "np.random.seed(seed)"))),
    ("global-state", "module random", source(fit("random.random()"))),
    ("global-state", "torch's global random state", source(fit("torch.manual_seed(0)"))),
    ("global-state", "torch's default dtype", source(fit("torch.set_default_dtype(torch.float64)"))),
    ("global-state", "torch's number of threads", source(top="torch.set_num_threads(3)")),
    ("global-state", "the current folder", source(fit("os.chdir('/')"))),
    ("global-state", "Hugging Face's masking", source(fit("np.random.rand()"))),
    ("global-state", "the environment (HOME)", source(fit("os.environ['HOME'] = '/nowhere'"))),
    ("global-state", "the locale", source(fit("import locale; locale.setlocale(locale.LC_ALL, 'C.UTF-8')"))),
    ("global-state", "signal handlers (SIGTERM)", source(fit(IGNORE))),
    ("global-state", "warning filters", source(top="import warnings; warnings.simplefilter('ignore')")),
    ("global-state", "flushing of denormal", source(fit("torch.set_flush_denormal(True)"))),
    ("global-state", "torch's backends (mkldnn", source(fit("torch.backends.mkldnn.enabled = False"))),
    ("global-state", "the mask of new files", source(fit("os.umask(0o7)"))),
    ("global-state", "the import path", source(top="sys.path.append('/nowhere')")),
    ("global-state", "not its own (benchmark.scores.metrics.uar)", source(fit(REPLACES))),
    ("left-running", "fit left the thread", source(fit(THREAD))),
    ("left-running", "left the process sleep 9", source(fit(SLEEPS))),
    ("left-running", "predict_proba left the process", source(predict(DAEMON))),
    ("clips-alone", "opened /proc/self/maps", source(fit("open('/proc/self/maps').close()"))),
    ("clips-alone", "savee.csv", source(fit(MANIFEST))),
    ("clips-alone", "called sys._getframe", source(fit("sys._getframe()"))),
    ("clips-alone", "called sys._getframe", source(fit("import inspect; inspect.stack()"))),
    ("clips-alone", "called gc.get_objects", source(fit("import gc; gc.get_objects()"))),
    ("clips-alone", "asks its clips for `spans`", source(predict("getattr(clips.inputs, 'spans', None)"))),
    ("clips-alone", "probabilities move by", source(predict(gives=VIEWS))),
    ("clips-alone", "probabilities move by", source(predict(TRACEBACK, f"return {CALLER}"))),
    ("cost", "linalg", source(predict("torch.linalg.eigh(torch.eye(3))"), info="")),
    ("state", "['means'] is list", source("def state(self): return {'means': self.means.tolist()}")),
    ("state", "differ by up to", source(FORGETS)),
    ("state", "KeyError", source("def load_state(self, state): self.means = state['centres']")),
    ("state", "it has state without the other one", source("load_state = None")),
    ("seed", "is all seeded", source(UNSEEDED)),
    ("seed", "is all seeded", source(**estimator(FOREST))),
    ("earlier-fits", "differ by up to", source(f"{REMEMBERS}\n{RECALLS}", top="SEEN = dict()")),
    ("deterministic", "seeds 0 and", source(info="deterministic=True")),
    ("no-validation", "AttributeError", source(fit("validation.labels"))),
    ("no-validation", "asked for 2 epochs", source(fit_info("epochs=1"))),
    ("in-full", "TypeError", source(fit("range(epochs)"))),
    ("in-full", "AttributeError", source(fit("report and report.epoch"))),
    ("missing-class", "shape (7, 5) rather than (7, 7)", source(FEWER)),
    ("missing-class", "IndexError", source(fit("self.n_classes = len(np.unique(train.labels))"))),
    ("classes", "IndexError", source(fit("self.n_classes = 7"))),
    ("silence", "AssertionError", source(fit("assert all(np.ptp(x, axis=0).any() for x in train.inputs)"))),
    ("fresh-process", "differ by up to", source(fit("train.inputs[0][:] += os.getpid() % 1000"))),
]  # fmt: skip
