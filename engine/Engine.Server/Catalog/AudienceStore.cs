using Engine.Scoring.Events;
using Engine.Snapshots.Forgetting;
using Engine.Snapshots.Writing;
using Engine.Server.Configuration;
using Engine.Server.Errors;

namespace Engine.Server.Catalog;

/// <summary>
/// The saved audiences of one workspace, one file each, complete or absent. Ids are streamed from the file.
/// </summary>
/// <param name="workspaceFolder">The workspace's folder.</param>
/// <param name="limits">How many are kept.</param>
/// <param name="files">Changes the files; null changes them on this machine alone.</param>
internal sealed class AudienceStore(string workspaceFolder, CallLimits limits, WorkspaceFiles? files = null)
{
    private readonly WorkspaceFiles _changes = files ?? new WorkspaceFiles(workspaceFolder);
    private readonly NamedFiles _files = new(Path.Combine(workspaceFolder, "audiences"), ".audience");

    /// <summary>Creates or replaces an audience. Duplicate ids count once, forgotten people not at all.</summary>
    /// <exception cref="InputException">The name does not follow the rule of names.</exception>
    public SavedAudience Save(string name, string identityType, string source, IEnumerable<string> ids)
    {
        NamedFiles.Check("audience", name);
        _files.CheckRoom("audiences", _files.PathOf(name), limits.Audiences);
        var distinct = new HashSet<string>(ids, StringComparer.Ordinal);
        return _changes.Change(() =>
        {
            using var taken = _files.TakeLock();

            // Under the lock: whoever is forgotten later is erased from the file.
            var forgotten = ForgottenUsers.Read(workspaceFolder);
            distinct.RemoveWhere(id => forgotten.Contains(id.AsSpan()));
            var audience = new SavedAudience(name, identityType, source, distinct.Count);
            _changes.Write(_files.PathOf(name), stream => AudienceFile.Write(stream, audience, distinct));
            return audience;
        });
    }

    /// <summary>The description of an audience.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public SavedAudience Get(string name) => AudienceFile.ReadHeader(Find(name));

    /// <summary>Its ids, in a stream.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public IEnumerable<string> Ids(string name) => AudienceFile.ReadIds(Find(name));

    /// <summary>Copies an audience as it is now, onto the disk.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public void CopyTo(string name, string path)
    {
        File.Copy(Find(name), path);
        AtomicFile.Flush(path);
    }

    /// <summary>All audiences, by ascending name.</summary>
    /// <param name="problems">Receives a sentence for each that cannot be read; null when nobody asks.</param>
    public IReadOnlyList<SavedAudience> List(ICollection<string>? problems = null) =>
        [.. _files.ReadAll(AudienceFile.ReadHeader, problems ?? new List<string>())
            .OrderBy(audience => audience.Name, StringComparer.Ordinal)];

    /// <summary>Takes users out of every audience.</summary>
    /// <param name="isGone">Which.</param>
    /// <param name="problems">Receives a sentence for each file that cannot be read.</param>
    /// <returns>The audiences that held one.</returns>
    public int Erase(UserTest isGone, ICollection<string> problems) =>
        _changes.Change(() => EraseLatest(isGone, problems));

    private int EraseLatest(UserTest isGone, ICollection<string> problems)
    {
        using var taken = _files.TakeLock();
        var changed = 0;
        foreach (var path in _files.All.ToArray())
        {
            try
            {
                changed += AudienceFile.Erase(path, isGone, _changes.Write) ? 1 : 0;
            }
            catch (InputException e)
            {
                problems.Add(e.Message);
            }
        }

        return changed;
    }

    /// <summary>Deletes an audience.</summary>
    /// <exception cref="NotFoundException">There is none of that name.</exception>
    public void Delete(string name) => _changes.Change(() =>
    {
        using var taken = _files.TakeLock();
        _changes.Delete(Find(name));
        return name;
    });

    private string Find(string name) => _files.PathOf(name) is var path && File.Exists(path)
        ? path
        : throw new NotFoundException(
            $"audience '{name}' does not exist. List the saved audiences with GET /v1/audiences "
            + "or `engine audience list`");
}
