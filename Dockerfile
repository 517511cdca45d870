# flowd as an image: built in one stage, run in another that has no compiler and no root.
#
# The base is pinned to a Python and a Debian and not to one build of them, so that building again brings their fixes;
# every Python package is pinned with its hash.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/flowd
WORKDIR /source
COPY requirements.run.lock ./
RUN /opt/flowd/bin/pip install --require-hashes -r requirements.run.lock
COPY pyproject.toml README.md LICENSE ./
COPY flowd ./flowd
COPY timescale ./timescale
COPY plugins ./plugins
RUN /opt/flowd/bin/pip install --no-deps --no-build-isolation . $(find plugins -mindepth 2 -maxdepth 2 -name pyproject.toml -printf './%h ') \
    && /opt/flowd/bin/pip uninstall --yes setuptools

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 flowd \
    && useradd --uid 10001 --gid flowd --home-dir /var/lib/flowd --shell /usr/sbin/nologin flowd \
    && install -d -o flowd -g flowd -m 700 /var/lib/flowd
COPY --from=build /opt/flowd /opt/flowd
ENV PATH=/opt/flowd/bin:$PATH FLOWD_CONFIG=/etc/flowd/flowd.yaml PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/flowd
EXPOSE 8787
STOPSIGNAL SIGTERM
# alive, not ready: a database that is away is no reason to start flowd again
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8787/healthz', timeout=3)"]
ENTRYPOINT ["flowd"]
CMD ["run"]
