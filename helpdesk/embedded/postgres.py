"""The embedded PostgreSQL: its cluster, its settings, how it starts and stops."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from helpdesk.embedded.binaries import MAJOR, postgres_programs
from helpdesk.embedded.leftovers import stop_leftover
from helpdesk.embedded.places import Places
from helpdesk.environment import StartError
from helpdesk.processes import Process, become, launch
from helpdesk.secret import kept_secret

NAME = "temas"  # of the role and of the database
ENVIRON = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Small machine, fast disk. Durability stays as it is: fsync and synchronous_commit are on.
    "max_connections": "100",
    "shared_buffers": "96MB",
    "work_mem": "8MB",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "0",
    "io_method": "sync",  # no worker processes for reading
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # two cores; and /dev/shm is small in containers
    "max_logical_replication_workers": "0",
    "huge_pages": "off",
    "autovacuum_max_workers": "2",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    # Statements and the details of errors hold addresses and texts of customers.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


class Postgres:
    """One cluster with one role and one database, reached by a Unix socket with a password."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # fast shutdown: does not wait for clients

    def __init__(self, places: Places) -> None:
        """Take the places; nothing is touched yet."""
        self.places = places
        self.log = places.data / "postgres.log"

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the database; makes the password when there is none."""
        password = kept_secret(self.places.password_file)
        return f"postgresql+psycopg://{NAME}:{quote(password)}@/{NAME}?host={quote(str(self.places.postgres_sockets))}"

    def prepare(self) -> None:
        """Stop a predecessor that is still running, then make the cluster when there is none. Raises StartError."""
        cluster = self.places.cluster
        stop_leftover(cluster / "postmaster.pid", cluster, ("postgres",), self.stop_signal)
        if not (cluster / "PG_VERSION").exists():
            self._make_cluster()
        found = (cluster / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise StartError(f"{cluster} was made by PostgreSQL {found}, but this is {MAJOR}; see docs/operating.md.")

    def command(self) -> list[str | Path]:
        """Return the command line of the server."""
        settings = SETTINGS | {"unix_socket_directories": str(self.places.postgres_sockets)}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [postgres_programs(self.places) / "postgres", "-D", self.places.cluster, *options]

    def launch(self) -> Process:
        """Start the server."""
        with self.log.open("ab") as log:
            return launch(
                self.command(),
                environ=ENVIRON,
                stop_signal=self.stop_signal,
                output=log,
                cwd=Path("/"),
                account=self.places.account,
            )

    def answers(self, process: Process | None) -> bool:
        """Tell whether the server (`process`, or any) accepts connections: its pid file says so, as for pg_ctl."""
        try:
            lines = (self.places.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and (process is None or lines[0] == str(process.pid)) and lines[7].strip() == "ready"

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it there, so that a crash leaves none rather than half of one."""
        account, target = self.places.account, self.places.cluster
        scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=".postgres."))
        try:
            password = scratch / "password"
            password.touch(mode=0o600)
            password.write_text(kept_secret(self.places.password_file))
            if account:
                for path in (scratch, password):
                    os.chown(path, account.uid, account.gid)
            self._initdb(scratch / "cluster", password)
            self._make_database(scratch / "cluster")
            (scratch / "cluster").rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _initdb(self, cluster: Path, password: Path) -> None:
        self._run(
            "initdb",
            "-D",
            cluster,
            f"--username={NAME}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
        )

    def _make_database(self, cluster: Path) -> None:
        self._run("postgres", "--single", "-D", cluster, "postgres", typed=f"CREATE DATABASE {NAME};\n")

    def _run(self, program: str, *arguments: str | Path, typed: str = "") -> None:
        done = subprocess.run(
            [postgres_programs(self.places) / program, *arguments],
            input=typed,
            capture_output=True,
            text=True,
            env=ENVIRON,
            cwd="/",
            check=False,
            **become(self.places.account),
        )
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise StartError(f"PostgreSQL's data could not be made in {self.places.cluster}: {' '.join(said[-2:])}")
