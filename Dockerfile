# docker build -t agentflow . && docker run --rm -it -v ~/papers:/papers:ro -v agentflow:/work agentflow research "..." --docs /papers
FROM python:3.13-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++ git && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir uv
WORKDIR /src
COPY . .
# EXTRAS="--extra ray" adds to what is installed.
ARG EXTRAS=""
# Processors differ: a portable build rather than one for the machine that builds the image.
ENV CMAKE_ARGS="-DGGML_NATIVE=OFF" UV_PROJECT_ENVIRONMENT=/opt/agentflow UV_LINK_MODE=copy
RUN uv sync --no-default-groups --no-editable --extra embedder --extra model --extra postgres --extra web $EXTRAS

FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home agentflow && mkdir /work && chown agentflow /work
COPY --from=build /opt/agentflow /opt/agentflow
ENV PATH=/opt/agentflow/bin:$PATH
USER agentflow
WORKDIR /work
ENTRYPOINT ["agentflow"]
