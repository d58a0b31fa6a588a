"""The URL of a Postgres database: what psycopg is told, and what a person is shown, which is never the password."""

from typing import Any

from agentflow.errors import AgentflowError

SCHEMES = ("postgresql://", "postgres://")
PATIENT = {  # a dead host is noticed within half a minute
    "application_name": "agentflow",
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "client_encoding": "UTF8",
}


def parameters(url: str) -> dict[str, Any]:
    """libpq's, the URL's own first. Raises AgentflowError, which says nothing of a URL that it cannot read."""
    try:
        from psycopg import Error
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise AgentflowError("runs in Postgres need psycopg", "pip install 'agentflow[postgres]'") from error
    try:
        known = conninfo_to_dict(url)
    except Error:
        known = None
    if known is None or any("@" in str(known.get(key, "")) for key in ("host", "port", "dbname")):  # of a password
        raise AgentflowError(
            "the URL of the Postgres database cannot be read",
            "write postgresql://USER@HOST:PORT/NAME, other characters than letters and digits as %XX",
        )
    return {**PATIENT, **known}


def shown(url: str) -> str:
    """User, host and name alone."""
    known = parameters(url)
    host, port = str(known.get("host", "")), f":{known['port']}" if known.get("port") else ""
    user = f"{known['user']}@" if known.get("user") else ""
    place = f"{user}{port}/{known.get('dbname', '')}?host={host}" if host.startswith("/") else ""
    return f"postgresql://{place or f'{user}{host}{port}/' + str(known.get('dbname', ''))}"
