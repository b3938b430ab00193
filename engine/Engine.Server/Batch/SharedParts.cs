using System.Globalization;
using Engine.Cluster.Parts;
using Engine.Server.Results;
using Engine.Snapshots.Files;
using Engine.Snapshots.Format;
using Engine.Snapshots.Writing;

namespace Engine.Server.Batch;

/// <summary>
/// The files of the parts of a result that several machines make: RESULT.parts/PART.EPOCH. A part that was claimed
/// twice has two files; the database says which one counts.
/// </summary>
internal sealed class SharedParts
{
    private readonly string _folder;

    private SharedParts(string folder) => _folder = folder;

    /// <summary>Of a result.</summary>
    public static SharedParts Of(string path) => new(path + ".parts");

    /// <summary>Where the file of a claim is.</summary>
    public string PathOf(int part, int epoch) =>
        Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{part}.{epoch}"));

    /// <summary>Writes a part, complete or not at all, and says what is to be committed.</summary>
    /// <exception cref="StorageException">It cannot be written, or its task was deleted.</exception>
    public CommittedPart Write(PartClaim claim, EncodedPart part)
    {
        if (!Directory.Exists(Path.GetDirectoryName(_folder)))
        {
            throw new StorageException($"cannot write {_folder}: the folder that it is in is gone");
        }

        AtomicFile.Write(PathOf(claim.Part, claim.Epoch), stream => stream.Write(part.Bytes.Memory.Span));
        return new CommittedPart(
            claim.Part,
            claim.Epoch,
            part.Rows,
            part.Bytes.Length,
            Crc32C.Compute(part.Bytes.Memory.Span),
            part.Detail);
    }

    /// <summary>Reads a committed part.</summary>
    /// <exception cref="InputException">Its file holds other bytes than were committed.</exception>
    public void Read(CommittedPart committed, EncodedPart target)
    {
        var path = PathOf(committed.Part, committed.Epoch);
        var bytes = File.ReadAllBytes(path);
        if (bytes.LongLength != committed.Length || Crc32C.Compute(bytes) != committed.Crc)
        {
            throw new InputException(
                $"{path} holds other bytes than were committed. Create the task again, and check the disk");
        }

        target.Bytes.Clear();
        target.Bytes.Add(bytes);
        (target.Rows, target.Detail) = (committed.Rows, committed.Detail);
    }

    /// <summary>Deletes what a lost claim has written. What cannot be deleted stays.</summary>
    public void Delete(PartClaim claim)
    {
        try
        {
            if (Directory.Exists(_folder))
            {
                foreach (var path in Directory.GetFiles(_folder).Where(path => ClaimOf(path) == claim))
                {
                    File.Delete(path);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is no part of any result. A sweep deletes it.
        }
    }

    /// <summary>Deletes files that no claim will commit any more, and the folder when no part is left.</summary>
    /// <param name="claims">Reads the last claim of each part: after the files, as a claim comes first.</param>
    /// <param name="now">The time.</param>
    /// <returns>The paths of what was deleted.</returns>
    public IReadOnlyList<string> Sweep(Func<IReadOnlyList<PartClaim>> claims, DateTimeOffset now)
    {
        if (!Directory.Exists(_folder))
        {
            return [];
        }

        var files = Directory.GetFiles(_folder);
        var held = claims().ToHashSet();
        var deleted = Leftovers.Sweep(files.Where(IsLost), now).Select(file => file.Path).ToArray();
        return held.Count == 0 && Leftovers.TryDeleteEmpty(_folder, now) ? [.. deleted, _folder] : deleted;

        bool IsLost(string path) => TemporaryFile.IsName(Path.GetFileName(path))
            || (ClaimOf(path) is { } claim && !held.Contains(claim));
    }

    // PART.EPOCH, and with an extension what the assembly is written to; null for files that belong to no claim.
    private static PartClaim? ClaimOf(string path) =>
        Path.GetFileName(path).Split('.') is [var part, var epoch, ..]
        && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && int.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new PartClaim(number, count)
            : null;

    /// <summary>Deletes all. What another node writes meanwhile is left to a sweep.</summary>
    public void Drop()
    {
        try
        {
            if (Directory.Exists(_folder))
            {
                Directory.Delete(_folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The result does not depend on it.
        }
    }
}
