"""The server: domain, services, storage, HTTP edge and the adapters to boxes, offices and head-end."""
