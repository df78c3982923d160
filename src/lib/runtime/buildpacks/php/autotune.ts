/**
 * How many PHP-FPM workers a dyno has, by Heroku's rule: they grow with the logarithm of the memory and with the cores, and never beyond
 * what fits the memory at PHP's memory_limit. Arguments: bytes of memory, cores, document root; a dump of FPM's settings on stdin.
 */
export const autotune = `<?php
[, $ram, $cores, $root] = $argv;

function bytes(string $amount): int {
  $units = ['k' => 1 << 10, 'm' => 1 << 20, 'g' => 1 << 30];
  return (int) $amount * ($units[strtolower(substr($amount, -1))] ?? 1);
}

function written(int $amount): string {
  foreach (['G' => 1 << 30, 'M' => 1 << 20, 'K' => 1 << 10] as $unit => $size) if ($amount % $size == 0) return $amount / $size . $unit;
  return (string) $amount;
}

$limit = ini_get('memory_limit');
$found = [];
foreach (file('php://stdin') as $line)
  if (preg_match('/(php(?:_admin)?_value)\\\\[memory_limit\\\\] = (\\\\S+)/', $line, $match)) $found[$match[1]] = $match[2];
$limit = $found['php_value'] ?? $limit;
if (is_readable("$root/.user.ini")) $limit = (parse_ini_file("$root/.user.ini") ?: [])['memory_limit'] ?? $limit;
$limit = $found['php_admin_value'] ?? $limit;

$base = 128 << 20;
$each = bytes($limit);
fprintf(STDERR, "Available RAM is %s Bytes\\n", written((int) $ram));
fprintf(STDERR, $each < 1 ? "PHP memory_limit is unlimited\\n" : "PHP memory_limit is $limit Bytes\\n");
if ($each < 1) $each = (int) $ram;
$fitting = (int) floor($ram / $each);
$wanted = (int) floor(ceil(log($ram / $base, 2)) * $cores * 2 * $base / $each);
if ($fitting > $wanted) {
  fprintf(STDERR, "Maximum number of workers that fit available RAM at memory_limit is %d\\n", $fitting);
  fprintf(STDERR, "Limiting number of workers to %d\\n", $wanted);
}
echo max(1, min($fitting, $wanted));
`
