"""The site: pages and figures as data, templates, exports."""
