# One image per service: docker build --build-arg APP=gateway -t souk-gateway .
# APP: peer, search, install, reputation, gateway; or cli, which is the command line and a whole site in one process (souk up).

# What the images stand on: anything with a Node of at least 24 at PATH. No shell is needed.
ARG BASE=docker.io/library/node:24-bookworm-slim
# What they are built on: Node and npm.
ARG BUILD=docker.io/library/node:24-bookworm-slim

FROM ${BUILD} AS manifests
COPY . /src/
RUN node /src/tools/images/manifests.mjs /src /manifests

FROM ${BUILD} AS build
WORKDIR /src
COPY --from=manifests /manifests/ ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY . .
ENV NX_DAEMON=false NX_NO_CLOUD=true
RUN npx nx run-many --targets=build --projects=@souk/services,@souk/site,@souk/cli --outputStyle=static
RUN node tools/images/lay-out.mjs /layout

FROM ${BASE}
ARG APP
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=
LABEL org.opencontainers.image.title="souk-${APP}" \
      org.opencontainers.image.description="Souk: a marketplace for code templates and packages without a central registry" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=build /layout/${APP}/ /souk/
# A new volume takes the owner of the folder that it is mounted on.
COPY --from=build --chown=10001:10001 /layout/data/ /data/
ENV NODE_ENV=production \
    HOME=/data \
    SOUK_DATA=/data/site \
    SOUK_P2P_PORT=7686 \
    SOUK_HTTP_HOST=0.0.0.0 \
    SOUK_HTTP_PORT=7687 \
    SOUK_HOST=0.0.0.0 \
    SOUK_PORT=7685
USER 10001:10001
WORKDIR /data
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "/souk/main.mjs"]
