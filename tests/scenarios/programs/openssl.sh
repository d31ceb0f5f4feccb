# openssl: digests and ciphers (their assembler has no unwind tables everywhere), a key, speed without its figures.
# shellcheck shell=sh

seq 1 200000 >text
for digest in md5 sha1 sha256 sha512 sha3-256 blake2b512; do openssl dgst -$digest text; done
for cipher in aes-128-cbc aes-256-ctr chacha20 camellia-128-cbc; do
    openssl enc -$cipher -K 00112233445566778899aabbccddeeff -iv 00112233445566778899aabbccddeeff -in text 2>/dev/null | sha256sum
done
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key 2>/dev/null
openssl dgst -sha256 -sign key -out signature text && openssl pkey -in key -pubout -out public
openssl dgst -sha256 -verify public -signature signature text
openssl speed -seconds 1 -bytes 1024 rsa2048 sha256 2>/dev/null | sed 's/[0-9.]*[0-9][ks]*/-/g; s/ \{1,\}/ /g' | grep -v '^built\|^options\|^compiler\|^CPUINFO\|^version'
rm text key public signature
openssl x509 -in nothing 2>/dev/null
