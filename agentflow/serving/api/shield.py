"""What a web application answers to an error that none of its handlers expected."""

from collections.abc import Callable

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Shield:
    """Such an error ends its own request. `fault` gets the request's path and the error, logs it and says what to answer."""

    def __init__(self, app: ASGIApp, fault: Callable[[str, Exception], Response]) -> None:
        self.app = app
        self.fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return
        except Exception as error:
            answer = self.fault(scope.get("path", ""), error)
            if begun or scope["type"] != "http":
                raise
            await answer(scope, receive, send)
