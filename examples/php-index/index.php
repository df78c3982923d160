<?php echo 'PHP ', PHP_MAJOR_VERSION, " says hello\n";
