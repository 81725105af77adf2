#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

int main() {
    std::signal(SIGTERM, [](int) { _exit(0); });
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(7000);
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), sizeof address) || listen(listener, 8)) return 1;
    for (;;) {
        int client = accept(listener, nullptr, nullptr);
        char request[2048];
        if (client < 0 || read(client, request, sizeof request) <= 0) continue;
        const std::string body = "served by C++\n";
        std::ostringstream answer;
        answer << "HTTP/1.0 200 OK\r\nContent-Length: " << body.size() << "\r\n\r\n" << body;
        const std::string text = answer.str();
        if (write(client, text.data(), text.size()) < 0) return 1;
        close(client);
    }
}
