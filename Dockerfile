# Wardwatch's image: the worker by default, every other command by name (docker run wardwatch console).
FROM python:3.13-slim AS build
WORKDIR /build
RUN python -m venv /opt/wardwatch
COPY requirements-build.lock requirements-runtime.lock ./
# Binary wheels with known hashes only: nothing that was not tested, and no compiler.
RUN /opt/wardwatch/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-runtime.lock
RUN python -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY alerting alerting
COPY detectors detectors
COPY models models
COPY monitor monitor
COPY streams streams
RUN /tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/wardwatch/bin/pip install --no-cache-dir --no-deps /wheels/*.whl \
    && /opt/wardwatch/bin/pip uninstall --yes pip

FROM python:3.13-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin wardwatch \
    && install --directory --owner wardwatch --group wardwatch --mode 0700 /var/lib/wardwatch /exchange
COPY --from=build /opt/wardwatch /opt/wardwatch
ENV PATH=/opt/wardwatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WARDWATCH_DATA_DIR=/var/lib/wardwatch \
    WARDWATCH_CONSOLE_HOST=0.0.0.0 \
    WARDWATCH_HEALTH_HOST=0.0.0.0 \
    WARDWATCH_HOOKS_HOST=0.0.0.0
USER wardwatch
WORKDIR /var/lib/wardwatch
EXPOSE 8080 8081 8082 8083
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8081/healthz', timeout=4)"]
ENTRYPOINT ["wardwatch"]
CMD ["worker"]
