FROM eclipse-temurin:17
WORKDIR /work
COPY . .
RUN mkdir -p classes && javac -d classes src/tool/*.java && cp resources/* classes/ \
    && jar --create --file /opt/tool.jar --main-class tool.Main -C classes .
ENV TOOL_MODE=fast
ENTRYPOINT ["java", "-jar", "/opt/tool.jar"]
