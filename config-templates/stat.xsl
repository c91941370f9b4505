<?xml version="1.0" encoding="utf-8"?>
<!-- For viewers that fetch the XML of /stat and know XSLT; browsers get stat.html instead, because they are dropping it. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="utf-8"/>
  <xsl:template match="/rtmp">
    <html lang="en">
      <head><title>Live streaming</title></head>
      <body>
        <h1>Live streaming</h1>
        <p>nginx <xsl:value-of select="nginx_version"/>, up <xsl:value-of select="uptime"/> s</p>
        <table>
          <tr><th>Stream</th><th>Application</th><th>On air (ms)</th><th>In (bit/s)</th><th>Clients</th></tr>
          <!-- "hls" is internal: it holds every stream a second time. -->
          <xsl:for-each select="server/application[name != 'hls']/live/stream">
            <tr>
              <td><xsl:value-of select="name"/></td>
              <td><xsl:value-of select="../../name"/></td>
              <td><xsl:value-of select="time"/></td>
              <td><xsl:value-of select="bw_in"/></td>
              <td><xsl:value-of select="nclients"/></td>
            </tr>
          </xsl:for-each>
        </table>
      </body>
    </html>
  </xsl:template>
</xsl:stylesheet>
