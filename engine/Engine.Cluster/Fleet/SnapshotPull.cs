using System.Net.Http.Headers;
using Engine.Kernels;
using Engine.Snapshots;
using Engine.Snapshots.Files;

namespace Engine.Cluster.Fleet;

/// <summary>
/// Brings a snapshot that this node lacks: chunk by chunk from the shared folder or from a peer, each chunk verified
/// before it is written, the next source asked when one fails or gives other bytes.
/// </summary>
/// <param name="table">Knows the chunks and the peers.</param>
/// <param name="node">This node.</param>
/// <param name="shared">The shared folder; empty for none.</param>
internal sealed class SnapshotPull(FleetTable table, string node, string shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Writes the snapshot into a workspace's folder, verified and renamed into place.</summary>
    /// <exception cref="InputException">No source has it whole, or it is another snapshot.</exception>
    /// <exception cref="Engine.Snapshots.Writing.StorageException">It cannot be written.</exception>
    public void Bring(SnapshotDirectory directory, string id, ChunkHashes file, CancellationToken cancellation) =>
        directory.Add(id, path => Write(path, directory.Workspace, id, file, cancellation));

    private void Write(string path, string workspace, string id, ChunkHashes file, CancellationToken cancellation)
    {
        // The secret is for peers alone, never for a proxy. The patience holds for the whole of a chunk.
        using var direct = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(direct, disposeHandler: false)
        {
            Timeout = Patience,
            MaxResponseContentBufferSize = file.ChunkBytes,
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", table.Secret());
        var sources = table.Peers(node)
            .Select(peer => (Name: peer, Read: (Func<int, byte[]>)(chunk => Ask(client, peer, workspace, id, chunk))))
            .ToList();
        if (shared.Length > 0)
        {
            var folder = new SnapshotDirectory(shared, workspace);
            sources.Insert(0, (folder.Path, chunk => ReadShared(folder, id, file, chunk)));
        }

        using var target = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.None, file.Length);
        for (var (chunk, source) = (0, 0); chunk < file.Count; chunk++)
        {
            var refusals = new List<string>();
            while (!TryWrite(chunk))
            {
                // A source that failed is not asked again before all others were.
                source = (source + 1) % Math.Max(1, sources.Count);
                if (refusals.Count >= sources.Count)
                {
                    throw new InputException(InvariantText.Of(
                        $"chunk {chunk} of {file.Count} of snapshot {id} cannot be had from any of {sources.Count} "
                        + $"sources ({string.Join("; ", refusals)}). This node tries again"));
                }
            }

            bool TryWrite(int number)
            {
                cancellation.ThrowIfCancellationRequested();
                if (sources.Count == 0)
                {
                    return false;
                }

                var (name, read) = sources[source];
                try
                {
                    var bytes = read(number);
                    if (file.IsChunk(number, bytes))
                    {
                        RandomAccess.Write(target, bytes, (long)number * file.ChunkBytes);
                        return true;
                    }

                    refusals.Add($"{name}: other bytes than the cluster knows");
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException
                    or UnauthorizedAccessException or InputException)
                {
                    cancellation.ThrowIfCancellationRequested();
                    refusals.Add($"{name}: {e.Message.TrimEnd('.')}");
                }

                return false;
            }
        }

        RandomAccess.FlushToDisk(target);
    }

    private static byte[] Ask(HttpClient client, string peer, string workspace, string id, int chunk)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(new Uri(peer), PeerServer.PathOf(workspace, id, chunk)));
        using var answer = client.Send(request, HttpCompletionOption.ResponseContentRead);
        answer.EnsureSuccessStatusCode();
        using var body = answer.Content.ReadAsStream();
        var bytes = new byte[body.Length];
        body.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] ReadShared(SnapshotDirectory folder, string id, ChunkHashes file, int chunk)
    {
        using var handle = PlainFile.Open(folder.FilePath(id));
        var bytes = new byte[file.LengthOf(chunk)];
        return bytes[..ChunkHashes.Read(handle, (long)chunk * file.ChunkBytes, bytes)];
    }
}
