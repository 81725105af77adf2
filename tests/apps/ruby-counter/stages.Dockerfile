FROM ruby:3.1 AS check
WORKDIR /app
COPY . /app
RUN chmod +x counter.rb && ruby -c counter.rb

FROM ruby:3.1-slim
ENV LANG=C.UTF-8
COPY --from=check /app /app
WORKDIR /app
ENV COUNTER_OUT=/tmp/counts.json
VOLUME /data
CMD ["./counter.rb"]
