# Small, non-root, works with a read-only file system.  `docker compose up` builds and starts it.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY emulator ./emulator
RUN python -m venv /opt/ebl && /opt/ebl/bin/pip install --no-cache-dir '.[aws]'

FROM python:3.13-slim
COPY --from=build /opt/ebl /opt/ebl
# /state is for a volume: `ebl start --state /state/ebl.db`.
RUN useradd --system --uid 10001 --home-dir /app ebl && install --directory --owner ebl /state
WORKDIR /app
COPY config.yaml ./
COPY functions ./functions
# Inside a container the port is published on purpose: 127.0.0.1:4566:4566 keeps it on your machine.
# `aws` is the service's name in docker-compose.yml; add names with EBL_ALLOWED_HOSTS=aws,other.
ENV PATH=/opt/ebl/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 EBL_HOST=0.0.0.0 EBL_ALLOWED_HOSTS=aws
USER ebl
EXPOSE 4566
HEALTHCHECK --interval=2s --timeout=2s --start-period=10s --retries=5 CMD ["ebl", "health"]
ENTRYPOINT ["ebl"]
CMD ["start"]
