/**
 * Bytes that other implementations wrote: Kafka's Java client, python's lz4, cramjam (Rust's snap
 * and the reference zstd). Kept as base64.
 */
/** The batch of `javaRecords()` as the Java client of Kafka 4.3.1 writes it with gzip. */
export const JAVA_GZIP =
  'AAAAAAAAA+gAAALrAAAABQKlBA0tABEAAAAnAAABi8/laAAAAAGLz+Vp+wAAAAAAAABNAAMAAAAUAAAAKB+LCAAAAAAA' +
  'AP+9l0FoE1EQhv95u9lIKEFERIKILCIiUZL3NskmiIiIiEiP4rXUlARLKEl6UNFDESkiPUsRESniwYOnIhKkVI8eRESK' +
  'eBAPHopIKeLJg5t9klzeQB4he1zyz868+d98O7kDgK7c8hc79bZf82++7bWbsw0/77f8WiHvd7oz3cVO9EOn0VxYqF/z' +
  'b7uZbntmtu52C16rOU/vCDmRuV6/cbL4gsyvKZpeYyHFqkDgxjnkkjAHytFzjCvFD4Fpj7aYStTor09Qink09sQtDBiz' +
  'A2PYd8ISZeLAEudvafTajNLBjSrFNyqLRzRFhF2BdcrGqStcsyujp05QihY+0N648pDpdmiM6xG2aR9xja6OXpdRik2B' +
  'u2L/VDythWWmp0Xj2E9K+998r1vUPPkr8Fgc0CUWv3El2iAlUS3m8EocpKtMjBkoOXwUOX1kRVgT+CkO6ceANck4rpPS' +
  'YsXBPecwsX5YICBZ7fB6abi08cQ5ontb5kwqG1vwnvDa8XVo5SX3qbNAh1mLhwKfnKPEGm8kx6S0iMbxl3NMn7rK2m8B' +
  'pmS1CLHsHo/LlwUaXAapWbNBeOqeIM5MaUEDs7Y/yz03r/NLzlJps5GMre1b+tk9pWtSnKXSYuFIVhsRdsctcISVZn5t' +
  'E+6npD5zifXbgjZm7fCCadpE9q+lAp22zNpv5M2ktMjiTaocrVdtbKVCXVrINdPMhIiEu6maDq2yzbSYXbMW6wIPvNMs' +
  'CZXF7jG+dmCtGuwpz7wzcRMUu6coC4Ikq43s3/DO6vIlY78y8yOi5hfvHEtNZfNXxTzhOfz2zuvaAsKqg5X0Bf1YYjtt' +
  'MbvJaocXRzNhDs/TFzl8KXb32Exf0i1gdw9lsXuYtf3P1df0ZZ0nZOfOYqsYX4sdgT/paXb1VBacSVaLf2ZQSSJbEQAA';

/** The batch of `javaRecords()` as the Java client of Kafka 4.3.1 writes it with snappy. */
export const JAVA_SNAPPY =
  'AAAAAAAAA+gAAAPUAAAABQJYVWuBABIAAAAnAAABi8/laAAAAAGLz+Vp+wAAAAAAAABNAAMAAAAUAAAAKIJTTkFQUFkA' +
  'AAAAAQAAAAEAAAOP2yLwTH4AAAABVnsidXNlciI6InrDvHJpY2giLCJuIjowLCJzdGF0dXMiOiJzaGlwcGVkIn0ECnRy' +
  'YWNlBHQwBm5pbAHEAQAaAgprZXktMawBVkcAADFORwCqKwA0AJoCADQECmtleS0yggJWOQAAMqZkAP4rABwA5gIATgYB' +
  '2FqKAAAzpooA/isAqisAEABsAGgIJUMANFrtAQA0TrgAGADiAQCCAQoFOQg1rAFWfAEANU46AKorAFVSADVFUjQOAJwB' +
  'DAEBAPICALYBDgV7ADdebQEAN6Z7AP4rAKorABQAbgDQARAFugA4Wm4BADhOuQAcALwBAOoBEgFeaQEAOU41AFZpAVIr' +
  'ABwAwgIAhAIUDGFKCDEwiFrBAgAxUvcDVmcA7iwACSwt/QwGdDEwJf4U/AIAngIWCaMEMeBeowCuUwT+LACyLAAcAGYA' +
  'uAIYAVhaLwFSfAQUABoA0gIaCfMgMwEApAIA7AIcCQ8ANGKlAVKvA1p2AO4sAAUsHACOAwCGAx4BYpABqgME/iwAtiwA' +
  'WV+JXRByAKADIClcADZepQEANk5nAxgAzAEAugMiCTsEN7BaCwUAMapmBFYsABwAmAIA1AMkAWL5AVI6BFr5Ae4sAAUs' +
  'GAD8AgDuAyYJ9gA5Yv8BUm4EWpQA/iwAsiwAFAA4AIgEKAW/CDIwAVUNADKJbBjAAQCiBCoBXs0BADKqOgRWLABhzAi8' +
  'BCwJgAAyXtMBADJSFgRWPwHuLAAJLCHTCNYELgmUADNe0wEAMqqcCP4sALYsABQAZgDwBDBeYgUAMlLsBBgA6gEAigUy' +
  'CfQANWLwAarGBFYsAFlhiW4UpAIApAU0CXcANmL/AVJwBFr/Ae4sAAUsNAAOAL4FNgEBAHIA2AU4CZsAOFoKBQAyUkAE' +
  'oQoI8gU6CTsAOWJNAaroA1YsABgAtgIAjAY8YgoFADOqqAjuLAAJLDXbADOJPBT8AgCmBj4lBQAzYqgIADOqQgT+LAC2' +
  'LAAUAHIAwAZACb8AMlr/AQAzUpgEGADAAQDaBkJiNgUAM6o6BFYsABQAGgD0BkQJnCA0AQCaAwCOB0YJDwA1XrAEADOq' +
  'vAP+LAC2LABZOYkUEGYAqAdIXr8EADNS4ANhcgjCB0opA2J8CAAzqnwIViwAwa8I3AdMCWgAOF6wBAAzUhYEVrAE7iwA' +
  'CSwYAPACAPYHTmJ7CgAzqmgE/iwAtiwAAAA=';

/** The batch of `javaRecords()` as the Java client of Kafka 4.3.1 writes it with lz4. */
export const JAVA_LZ4 =
  'AAAAAAAAA+gAAAP1AAAABQLhRKmHABMAAAAnAAABi8/laAAAAAGLz+Vp+wAAAAAAAABNAAMAAAAUAAAAKAQiTRhgQIK1' +
  'AwAA/z5+AAAAAVZ7InVzZXIiOiJ6w7xyaWNoIiwibiI6MCwic3RhdHVzIjoic2hpcHBlZCJ9BAp0cmFjZQR0MAZuaWwB' +
  'xAEAGgIKa2V5LTGsAUcAAx8xRwABD3IAAw8rAAJhAJoCADQEZAA/MoICOQADHzJkABcPKwAtjwDmAgBOBgHYigAEHzOK' +
  'ABcPKwBYUQBsAGgIQwEfNO0BBB80uAABcQDiAQCCAQo5AB814AEFHzU6AAEPpwEDDysAAgVSAhE1UgLhDgCcAQwBAQDy' +
  'AgC2AQ57AB83bQEFHzd7ABcPKwBYYQBuANABELoAHzhuAQQfOLkAAY8AvAEA6gESAWkBBR85NQABD2kBAw8rAAKAAMIC' +
  'AIQCFAxKAz8xMIjBAgQfMfcDAg9nAAMPLAAvA/0BMgZ0MVAEYvwCAJ4CFqMALzHgowAFDygEAg+jAAQPLABajwBmALgC' +
  'GAFYjAAED3wEAmIAGgDSAhrzAJIzAQCkAgDsAhwPAB80pQEGD68DAg92AAQPLAAujwCOAwCGAx4BkAEGD9gDAg+OAAQP' +
  'LABaBl8CAl0EUnIAoAMgXAEfNqUBBR82ZwMBcgDMAQC6AyI7AC83sAsFBB8xZgQYDywAA48AmAIA1AMkAfkBBg86BAIP' +
  'awEEDywALnIA/AIA7gMm9gAfOf8BBg9uBAIPlAAEDywAWmEAOACIBCi/ADUyMAENAhIybAR/wAEAogQqAc0BBR8yOgQY' +
  'DywAAwDMAzK8BCyAAB8y0wEFHzIWBAIPPwEDDywALwDTATLWBC6UAB8z0wEFHzKcCBgPLABbbwBmAPAEMGIFBR8y7AQC' +
  'cgDqAQCKBTL0AB818AEGD5oEGA8sAAMGYQICywhipAIApAU0dwAfNv8BBg9wBAIP/wEEDywALuIADgC+BTYBAQByANgF' +
  'OJsAHzgKBQQfMkAEAgAKBTLyBTo7AB85TQEGD+gDGA8sAAN/ALYCAIwGPAoFBh8zqAgYDywALwXbARIzPARh/AIApgY+' +
  'BQEfM6gIBh8zQgQYDywAW2IAcgDABkC/AB8y/wEEHzOYBAJ/AMABANoGQjYFBh8zOgQYDywAA2IAGgD0BkScAJI0AQCa' +
  'AwCOB0YPAB81EgoFHzOQAwIPRQMDDywAWwY5AgIUBF9mAKgHSL8EBR8z4AMCAHIDMsIHSgMBD3wIBh8zfAgYDywAAwCv' +
  'BjLcB0xoAB84sAQFHzMWBAIP+w8DDywAL38A8AIA9gdOewoGHzM8BAIPjgAEDywAVlBlZCJ9AAAAAAA=';

/** The batch of `javaRecords()` as the Java client of Kafka 4.3.1 writes it with zstd. */
export const JAVA_ZSTD =
  'AAAAAAAAA+gAAALZAAAABQLfaURBABQAAAAnAAABi8/laAAAAAGLz+Vp+wAAAAAAAABNAAMAAAAUAAAAKCi1L/0AWOQU' +
  'AGZbYkMAc5sO7Ccm4f+19m1tv9dESpMrBGED2w6gHgAm1/5HAAlBjDMef8M7k0qSrW1r+O1G9pa7wNn2b+vbtv/xcGoi' +
  'RMoUVgBPAE0Ae/LV8TkBfE7yZtkr5Lzjkk9kNc8pj8siNuDQ2YBhzVfGkoBCV+ZVnRGRzsNUH6CGTkkJ6COCHCgy8UQ8' +
  'EdxkHBiCG/gZAXWkGB0gB3YdkQn0gGH/gwgIKBTvKKWU7gFKxCmUzzmnAeZx/r6tYRrXyAxbgF3c8xhjjkiAT5xP0bvi' +
  'KAMZwCHOK691BWzLl8RxAXbGQ9u2bVtmVc4v3wVZE89QSikmnMXy7ruaBeMZTdO0aX3nj1JKpTXi2zJlVrnc85YtHVQ2' +
  'pJSbinT+HuUyqFJ8S5ncTC6oRudea61VAdXjfDq3Caga5xKPLTZIvfiaNC2vHYL9OLucG3EXMBzn71tvbQFb+Zq0roCt' +
  'uIdSSimlgKGcSvnOCZePa94t4brxLcmWHeEqvevubgiXivMp66wfXCTOKq+1cqyXr4njAoCUqKF0aQIyTqn9DCBDGZmq' +
  'AxJA8HAIAQQRvIpiHMwSfltODQeryLf9lMPJuBpu3/cgb82MDlkY8Hw8WqAJjNvifXKiz7y8SLjNCfNlzgIuTyJZ5yqS' +
  '98j0xua/TujdENN5ERwQKKTiCQ8BjgCSqVvdkQkG63kDFwknsiyYV/UQEGQB2F8/zNocDlTsUeYN3ZDqQiCp8JAwDGIB' +
  'FJw/YEPx/E96vk4gxKVJ4yMYVDd8iSkmhgENgMyT7swzhxq5yDnZ75Dl1tMBB4roHZqGmSlkIABEWb16/Ry+QkbsbrpV' +
  'NmN5nH16aOr8jsLFMT6TZ5VnPhg3WI4mg7+C0Rtop30adNp3/uknQ1wIJd0oKFYFAQAA';

/** `bareSnappyText()` as one snappy block without frame. */
export const BARE_SNAPPY =
  'jAaYYSBiYXJlIGJsb2NrLCBhcyBsaWJyZGthZmthIHdyaXRlcyBpdDog/icA/icA/icA/icA/icA/icA/icA/icA/icA' +
  '/icA/icAkicA';

/** `longText()` as lz4 with linked blocks, every checksum and the content size. */
export const LINKED_LZ4 =
  'BCJNGFxAQA0DAAAAAADcJAEAAP8KbWlsbHJhY2UgZ3JpbmRzIHJlY29yZHM7IBkA////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '/////////////////////////////////////89QY2UgZ3KHiZy7CgEAAA/1////////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '///////////////////////////////////oUGVjb3Jk1NMmIAoBAAAPGQD/////////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '////////////////////////////////////////////////////////////////////////////////////////////' +
  '////////////////////////////////6FBscmFjZT4iaNIXAAAAD/X//////////////////zVQcmRzOyDm3LEoAAAA' +
  'APCxwJA=';

/** `longText()` as zstd in several blocks, from a streaming encoder. */
export const STREAMED_ZSTD =
  'KLUv/aBADQMADAEAyG1pbGxyYWNlIGdyaW5kcyByZWNvcmRzOyABAJH/cz7HRQAAAAEAPQ2cTyA=';

export function bareSnappyText(): Buffer {
  return Buffer.from('a bare block, as librdkafka writes it: '.repeat(20));
}

export function longText(): Buffer {
  return Buffer.from('millrace grinds records; '.repeat(8000));
}

export const JAVA_BASE_OFFSET = 1000;

/** What the Java batches hold: 40 records of producer 77, epoch 3, from sequence 20 on. */
export function javaRecords() {
  return Array.from({ length: 40 }, (_, at) => ({
    offset: JAVA_BASE_OFFSET + at,
    timestamp: 1_700_000_000_000 + at * 13,
    key: at % 3 === 0 ? null : Buffer.from(`key-${at}`),
    value:
      at % 7 === 6
        ? null
        : Buffer.from(`{"user":"zürich","n":${at},"status":"shipped"}`.repeat(1 + (at % 4))),
    headers:
      at % 5 === 0
        ? [
            { key: 'trace', value: Buffer.from(`t${at}`) },
            { key: 'nil', value: null },
          ]
        : [],
  }));
}
