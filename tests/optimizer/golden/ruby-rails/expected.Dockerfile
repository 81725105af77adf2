FROM ruby:3.3 AS build
RUN apt-get update && apt-get install -y nodejs libpq-dev
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN --mount=type=cache,target=/usr/local/bundle/cache bundle install
COPY . .
RUN bundle exec rails assets:precompile

FROM ruby:3.3-slim
RUN apt-get update \
    && apt-get install -y nodejs libpq5 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /usr/local/bundle /usr/local/bundle
COPY --from=build /app /app
EXPOSE 3000
CMD ["bundle", "exec", "rails", "server", "-b", "0.0.0.0"]
