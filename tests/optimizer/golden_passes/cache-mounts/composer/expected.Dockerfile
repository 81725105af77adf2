FROM composer:2 AS vendor
WORKDIR /app
COPY composer.* ./
RUN --mount=type=cache,target=/tmp/cache composer install --no-dev --no-scripts
FROM php:8.3-apache
COPY --from=vendor /app/vendor /var/www/vendor
