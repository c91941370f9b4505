<!doctype html>
<html lang="en"><title>Live streaming</title></html>
