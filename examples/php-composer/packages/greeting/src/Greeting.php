<?php

namespace Greeting;

final class Greeting
{
    public static function in(string $locale): string
    {
        return \MessageFormatter::formatMessage($locale, '{0, number} greetings', [1234567]);
    }
}
