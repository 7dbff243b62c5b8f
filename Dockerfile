# syntax=docker/dockerfile:1
# Served with STOREFRONT_ENV=development alone.
FROM node:22-bookworm-slim AS playground
WORKDIR /playground
COPY playground/.npmrc playground/package.json playground/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY playground .
RUN npm run build

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
COPY --from=playground /playground/dist playground/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --package storefront --bin storefront \
    && cp target/release/storefront /usr/local/bin/storefront

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/storefront storefront
COPY --from=build /usr/local/bin/storefront /usr/local/bin/storefront
COPY --chmod=755 docker/healthcheck.sh /usr/local/bin/healthcheck
USER storefront
WORKDIR /var/lib/storefront
ENV STOREFRONT_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["healthcheck"]
ENTRYPOINT ["storefront"]
CMD ["serve"]
