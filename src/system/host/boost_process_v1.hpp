#pragma once

// Version 1 of Boost.Process, as danectl::bp, wherever this Boost has it: Boost 1.74 has no version 2, and since 1.88
// the plain names are those of version 2.

#if __has_include(<boost/process/v1/child.hpp>)
#include <boost/process/v1/args.hpp>
#include <boost/process/v1/async.hpp>
#include <boost/process/v1/child.hpp>
#include <boost/process/v1/error.hpp>
#include <boost/process/v1/exe.hpp>
#include <boost/process/v1/extend.hpp>
#include <boost/process/v1/search_path.hpp>

namespace danectl {
namespace bp = boost::process::v1;
}
#else
#include <boost/process/args.hpp>
#include <boost/process/async.hpp>
#include <boost/process/child.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/search_path.hpp>

namespace danectl {
namespace bp = boost::process;
}
#endif
