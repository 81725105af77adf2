<?php
$routes = json_decode(file_get_contents(__DIR__ . '/routes.json'), true);
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
header('Content-Type: text/plain');
echo isset($routes[$path]) ? $routes[$path] . "\n" : "no such route\n";
