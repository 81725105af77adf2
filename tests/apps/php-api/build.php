<?php
$routes = ['/' => 'php index'];
foreach (glob(__DIR__ . '/pages/*.txt') as $file) {
    $routes['/' . basename($file, '.txt')] = trim(file_get_contents($file));
}
echo json_encode($routes, JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT), "\n";
