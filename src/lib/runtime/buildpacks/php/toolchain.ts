import type {Toolchain} from '../buildpack.js'
import {autotune} from './autotune.js'
import {bootScript} from './boot-script.js'
import {gracefulSource} from './graceful.js'
import type {Php} from './php-version.js'
import {apacheHost, apacheInclude, apacheMain, fpm, nginxHost, nginxInclude, nginxMain} from './server-confs.js'

export const phpHome = '/app/.heroku/php'

/** Debian's PHP with these packages, Apache, nginx and Composer; what starts them is in `phpHome`. */
export function phpToolchain({line, version, suite, own}: Php, packages: string[]): Toolchain {
  const from = own ? {} : {from: {suite, packages: ['php*', 'libapache2-mod-php*', 'composer', 'jsonlint']}}
  return {
    name: 'php',
    debian: {run: [...packages, 'composer', 'apache2-bin', 'media-types', 'nginx'], build: ['php-dev'], ...from},
    downloads: [],
    install: [
      `: PHP ${version}`,
      'run=/out/run/php',
      'mkdir -p $run/bin $run/conf/apache2 $run/conf/nginx',
      `ln -s /usr/sbin/php-fpm${line} $run/bin/php-fpm`,
      `ln -s /etc/php/${line}/fpm $run/fpm`,
      'ln -s /usr/sbin/apache2 $run/bin/httpd',
      'ln -s /usr/sbin/nginx $run/bin/nginx',
      'cp /etc/nginx/mime.types /etc/nginx/fastcgi_params $run/conf/nginx/',
      ...Object.entries(files).map(([path, text]) => `printf %s ${Buffer.from(text).toString('base64')} | base64 -d > $run/${path}`),
      'chmod 0755 $run/bin/heroku-php-apache2',
      'ln -s heroku-php-apache2 $run/bin/heroku-php-nginx',
      `printf %s ${Buffer.from(gracefulSource).toString('base64')} | base64 -d > /tmp/graceful.c`,
      'gcc -O2 -Wall -shared -fPIC -o $run/graceful.so /tmp/graceful.c',
    ],
  }
}

const files = {
  'autotune.php': autotune,
  'bin/heroku-php-apache2': bootScript,
  'conf/apache2/host.conf': apacheHost,
  'conf/apache2/httpd.conf': apacheMain,
  'conf/apache2/include.conf': apacheInclude,
  'conf/nginx/host.conf.php': nginxHost,
  'conf/nginx/include.conf.php': nginxInclude,
  'conf/nginx/main.conf': nginxMain,
  'conf/php-fpm.conf': fpm,
}
