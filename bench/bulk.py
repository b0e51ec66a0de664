def tickets(inbox_id, n):
    raise NotImplementedError
