FROM ruby:3.1-slim
ENV LANG=C.UTF-8
WORKDIR /app
COPY --chmod=755 counter.rb ./
COPY text.txt ./
COPY lib ./lib
ENV COUNTER_OUT=/tmp/counts.json
VOLUME /data
CMD ["./counter.rb"]
