FROM ruby:3.3
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN --mount=type=cache,target=/usr/local/bundle/cache \
    bundle config set without 'development test' \
 && bundle install --jobs 4
COPY . .
CMD ["puma"]
