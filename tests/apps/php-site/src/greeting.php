<?php
function greeting($name) {
    $texts = json_decode(file_get_contents(__DIR__ . '/texts.json'), true);
    return "<p>" . htmlspecialchars($texts['hello']) . " " . $name . "</p>\n";
}
