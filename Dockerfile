# The service and its tasks, for compose.yaml. The sandbox needs Debian's own python3.
FROM denoland/deno:bin-2.9.6 AS deno

FROM debian:12.12-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv shellcheck \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 1000 --home-dir /data --no-create-home ultimate \
  && install --directory --owner=1000 --group=1000 --mode=700 /data
COPY --from=deno /deno /usr/local/bin/deno
ENV DENO_DIR=/var/cache/deno DENO_NO_UPDATE_CHECK=1 HOME=/data DATA_DIR=/data
WORKDIR /app
COPY deno.json deno.lock package.json ./
COPY domain domain
COPY application application
COPY adapters adapters
COPY src src
COPY tests/security/programs tests/security/programs
RUN deno cache --frozen src/*.ts
USER 1000:1000
VOLUME /data
EXPOSE 8000
CMD ["deno", "task", "start"]
