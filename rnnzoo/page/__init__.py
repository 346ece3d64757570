"""The models in the browser: a page that is written once and needs no server."""
