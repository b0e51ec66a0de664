"""The web process: `gunicorn -k gevent wsgi:app`."""

from gevent import monkey

monkey.patch_all()  # before anything else is imported; gunicorn's gevent worker has done it already

from helpdesk import create_app, logs  # noqa: E402
from helpdesk.config import Settings  # noqa: E402

settings = Settings.load()
logs.configure(settings, "web")
app = create_app(settings)
