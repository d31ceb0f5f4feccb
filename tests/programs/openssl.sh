# flat: makes RSA keys for some seconds
exec $record /usr/bin/openssl speed -seconds 1 rsa1024 rsa2048 ecdsap256 ecdhp256
