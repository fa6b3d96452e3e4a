# syntax=docker/dockerfile:1
# One image for every process of ours: `docker run reception admin`, `… worker`, `… jobs`, `… migrate`.

FROM python:3.11-slim-bookworm AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.8
WORKDIR /app
# The packages alone first: a change of our code must not fetch them again.
COPY requirements-runtime.lock ./
RUN uv venv --no-project .venv \
 && uv pip sync --no-cache --compile-bytecode --python .venv --require-hashes requirements-runtime.lock
COPY domain domain
COPY connectors connectors
COPY tools tools
COPY agent agent
COPY jobs jobs
COPY admin admin
COPY sandbox sandbox
COPY reception reception
COPY pyproject.toml README.md requirements.lock livekit.yaml ./
COPY sip-config sip-config
# In place, where livekit.yaml and sip-config are; what builds it comes in the locked versions too.
RUN uv pip install --no-cache --python .venv --no-deps --build-constraints requirements.lock --editable . \
 && .venv/bin/python -m compileall -q domain connectors tools agent jobs admin sandbox reception

# Described by the application itself, so that the console can't be built against another API.
RUN .venv/bin/python -m admin.openapi_file admin/console/openapi.json

FROM node:22-bookworm-slim AS console
WORKDIR /console
COPY admin/console/package.json admin/console/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY --from=build /app/admin/console ./
RUN npm run build

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin reception
COPY --from=build /app /app
COPY --from=console /console/dist /app/admin/console/dist
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    RECEPTION_HOME=/data
USER reception
# Spools and greetings: what a worker has not delivered yet must outlive its container.
VOLUME /data
EXPOSE 8000
# Right for `admin`; compose.yaml gives the worker and the jobs their own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "reception.healthcheck", "http://127.0.0.1:8000/healthz"]
ENTRYPOINT ["reception"]
CMD ["admin", "--host", "0.0.0.0"]
