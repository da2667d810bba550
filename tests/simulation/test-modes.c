/* SPDX-License-Identifier: Apache-2.0 */
#include "simulation/scene.h"

int
main(void)
{
	return 0;
}
