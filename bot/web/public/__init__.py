"""The public listener: chat API, callbacks of agencies, pages."""
