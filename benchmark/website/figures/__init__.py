"""Pictures as data: where every mark goes, in SVG's coordinates."""
