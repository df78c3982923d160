/** Debian builds the others into Apache. */
const apacheModules = [
  'mpm_event access_compat actions alias auth_basic authn_core authn_file authz_core authz_groupfile authz_host authz_user autoindex deflate',
  'dir env expires ext_filter filter headers include macro mime negotiation proxy proxy_fcgi proxy_http proxy_wstunnel remoteip reqtimeout',
  'rewrite setenvif status substitute',
].flatMap(names => names.split(' '))

/** httpd.conf: what an app's own `-c` file counts on; the virtual host comes with that file or `apacheHost`. */
export const apacheMain = `ServerRoot "/tmp"
ServerName localhost
PidFile "\${HEROKU_PHP_RUN}/httpd.pid"
DefaultRuntimeDir "\${HEROKU_PHP_RUN}"
Mutex file:\${HEROKU_PHP_RUN}
${apacheModules.map(name => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
TypesConfig /etc/mime.types
Timeout 60
KeepAlive On
KeepAliveTimeout 95
MaxKeepAliveRequests 0
ServerTokens Prod
ServerSignature Off
ServerLimit 8
MaxRequestWorkers 200
GracefulShutdownTimeout 25
EnableSendfile Off
ErrorLog "\${HEROKU_PHP_LOG}"
LogLevel warn
LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined
LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
<Directory />
  AllowOverride None
  Require all denied
</Directory>
<FilesMatch "^\\.ht">
  Require all denied
</FilesMatch>
`

/** The virtual host, unless the app brings its own by \`-c\`. */
export const apacheHost = `Define heroku-fcgi unix:\${HEROKU_PHP_SOCKET}|fcgi://heroku-fcgi
<Proxy "fcgi://heroku-fcgi">
  ProxySet min=0
</Proxy>
Listen \${PORT}
<VirtualHost *:\${PORT}>
  ServerName localhost
  ErrorLog "\${HEROKU_PHP_LOG}"
  LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" heroku
  CustomLog "\${HEROKU_PHP_LOG}" heroku
  TraceEnable off
  <Directory "\${HEROKU_APP_DIR}">
    Require all denied
    <FilesMatch "^(\\.(?!well-known/)|composer\\.(json|lock|phar)$|Procfile$)">
      Require all denied
    </FilesMatch>
  </Directory>
  <Directory "\${HEROKU_APP_DIR}/\${COMPOSER_VENDOR_DIR}">
    Require all denied
  </Directory>
  <Directory "\${HEROKU_APP_DIR}/\${COMPOSER_BIN_DIR}">
    Require all denied
  </Directory>
  DocumentRoot "\${DOCUMENT_ROOT}"
  <Directory "\${DOCUMENT_ROOT}">
    Options FollowSymLinks
    AllowOverride All
    Require all granted
  </Directory>
  SetEnvIfNoCase ^Authorization$ "(.+)" HTTP_AUTHORIZATION=$1
  <FilesMatch \\.php$>
    <If "-f %{REQUEST_FILENAME}">
      SetHandler "proxy:unix:\${HEROKU_PHP_SOCKET}|fcgi://heroku-fcgi"
    </If>
  </FilesMatch>
  Include "\${HEROKU_PHP_HTTPD_CONFIG_INCLUDE}"
</VirtualHost>
`

/** Inside of the virtual host, unless the app brings its own by \`-C\`. */
export const apacheInclude = 'DirectoryIndex index.php index.html index.htm\n'

/** nginx's main settings; the app's own \`-c\` file or \`nginxHost\` is included after them. */
export const nginxMain = `daemon off;
worker_processes auto;
worker_shutdown_timeout 25s;
error_log stderr;
events {
  worker_connections 1024;
}
`

/** PHP that prints the http block: nginx knows no variables of the environment. */
export const nginxHost = `<?php $port = getenv('PORT'); ?>
http {
  include mime.types;
  default_type application/octet-stream;
  sendfile on;
  keepalive_timeout 95;
  server_tokens off;
  fastcgi_buffers 256 4k;
  client_max_body_size 0;
  upstream heroku-fcgi {
    server unix:<?=getenv('HEROKU_PHP_SOCKET')?> max_fails=3 fail_timeout=3s;
    keepalive 16;
  }
  server {
    location @heroku-fcgi {
      include fastcgi_params;
      fastcgi_split_path_info ^(.+\\.php)(/.*)$;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param PATH_INFO $fastcgi_path_info if_not_empty;
      fastcgi_param SERVER_NAME $host;
      if (!-f $document_root$fastcgi_script_name) {
        return 404;
      }
      fastcgi_pass heroku-fcgi;
    }
    server_name localhost;
    listen <?=$port?>;
    port_in_redirect off;
    root "<?=getenv('DOCUMENT_ROOT')?>";
    error_log stderr;
    access_log <?=getenv('HEROKU_PHP_LOG')?>;
    include "<?=getenv('HEROKU_PHP_NGINX_CONFIG_INCLUDE')?>";
    location ~* /\\.(?!well-known\\/) {
      deny all;
    }
    location ~ \\.php {
      try_files @heroku-fcgi @heroku-fcgi;
    }
  }
}
`

/** Inside of the server block, unless the app brings its own by \`-C\`; PHP as well. */
export const nginxInclude = `location / {
  index index.php index.html index.htm;
}
location ~ ^/(composer\\.(json|lock|phar)$|Procfile$|<?=getenv('COMPOSER_VENDOR_DIR')?>/|<?=getenv('COMPOSER_BIN_DIR')?>/) {
  deny all;
}
`

export const fpm = `[global]
error_log = \${HEROKU_PHP_LOG}
log_level = warning
log_limit = 10000
daemonize = no
process_control_timeout = 25s
[www]
listen = \${HEROKU_PHP_SOCKET}
listen.mode = 0600
pm = static
pm.max_children = \${WEB_CONCURRENCY}
slowlog = \${HEROKU_PHP_LOG}
request_slowlog_timeout = 0
request_terminate_timeout = 30s
catch_workers_output = yes
decorate_workers_output = no
clear_env = no
php_value[error_log] = \${HEROKU_PHP_LOG}
php_value[variables_order] = EGPCS
include=\${HEROKU_PHP_FPM_CONFIG_INCLUDE}
`
