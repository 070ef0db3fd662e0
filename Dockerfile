# One image for every part: the gateway's roles, the simulated systems, and the `lgsp` command.
# The base is pinned by the digest of its index (all platforms); Python packages by the hashes of requirements.lock.
ARG BASE=docker.io/library/python:3.11-slim-trixie@sha256:9534e5a8e315485d4061ed659af0fd78a284c015f9b73661b41d6bab25604534

FROM ${BASE} AS installed
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv --copies /opt/lgsp
COPY requirements.lock /build/
# Wheels only: nothing is compiled, and nothing of a package runs while it is installed.
RUN /opt/lgsp/bin/pip install --quiet --only-binary :all: --require-hashes -r /build/requirements.lock
COPY pyproject.toml README.md /build/
COPY contracts /build/contracts
COPY adapters /build/adapters
COPY gateway /build/gateway
COPY mock_services /build/mock_services
COPY ops /build/ops
RUN /opt/lgsp/bin/pip install --quiet --no-deps --no-build-isolation /build \
 && /opt/lgsp/bin/python -m compileall -q -j 2 /opt/lgsp/lib \
 && /opt/lgsp/bin/pip uninstall --quiet --yes setuptools pip \
 && find /opt/lgsp/bin -mindepth 1 ! -name 'python*' ! -name lgsp -delete
# The interpreter and the libraries it is linked to, and nothing else of the base: no shell, no package manager.
RUN python3 /build/ops/image/essentials.py /opt/lgsp /made/root \
 && mkdir --parents /made/state && touch /made/state/.keep

FROM scratch
LABEL org.opencontainers.image.title="LGSP Connector" \
      org.opencontainers.image.description="One entry about a worker reaches every system."
COPY --from=installed /made/root /
# Everything that is written goes to a volume or a tmpfs: the root may be read-only.
COPY --from=installed --chown=10001:10001 /made/state /var/lib/lgsp
ENV PATH=/opt/lgsp/bin LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    LGSP_LOG__FORMAT=json
WORKDIR /var/lib/lgsp
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "gateway.cli.alive", "livez"]
ENTRYPOINT ["lgsp"]
CMD ["--help"]
