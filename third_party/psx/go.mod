module kernel.org/pub/linux/libs/security/libcap/psx

go 1.26
