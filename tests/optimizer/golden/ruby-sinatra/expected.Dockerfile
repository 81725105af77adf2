FROM ruby:3.3 AS build
WORKDIR /app
COPY Gemfile Gemfile.lock ./
RUN --mount=type=cache,target=/usr/local/bundle/cache bundle install

FROM ruby:3.3-slim
COPY --from=build /usr/local/bundle /usr/local/bundle
WORKDIR /app
COPY . .
CMD ["ruby", "app.rb"]
