<?php
require __DIR__ . '/../src/greeting.php';
header('Content-Type: text/html; charset=utf-8');
echo greeting(getenv('SITE_NAME'));
