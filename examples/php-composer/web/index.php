<?php

require __DIR__ . '/../vendor/autoload.php';

$compiled = file_get_contents(__DIR__ . '/../compiled.txt');
echo Greeting\Greeting::in('de'), ", $compiled, behind ", explode('/', $_SERVER['SERVER_SOFTWARE'])[0], "\n";
