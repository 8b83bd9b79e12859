"""The files that run in shops: scripts, templates and an extension, as they are. No Python lives here; this file lets
an installed service find them beside itself."""
