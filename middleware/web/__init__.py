"""The HTTP edge: frozen Request and Response values over twisted.web."""
